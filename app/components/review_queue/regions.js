// The photos of a sequence in their order. A region is drawn by dragging, or by Enter on a photo; it is moved by the
// arrow keys, sized by Shift and the arrow keys, and removed by its button or Delete.
//
// data.photos:  [{source, caption, alt, width, height}], sizes in pixels of the photo that was submitted.
// data.regions: [{image, x, y, w, h}] to begin with; image counts from 1, the rest are pixels of that photo.
// data.words:   {region, remove}: labels for screen readers, in which {image} stands for the place.
// State "regions": the same form.

const SMALLEST = 0.03; // of a side: a click is no region
const STEP = 0.02;
const PAUSE = 400; // milliseconds without another arrow key, until Python is told
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".photos");
  root.report = (regions) => setStateValue("regions", regions);
  if (root.shown === data.item) return; // what was drawn stays; Python only learned of it
  root.shown = data.item;
  root.style.setProperty("--columns", data.photos.length);
  root.replaceChildren();
  data.photos.forEach((photo, index) => root.append(figureOf(root, photo, index + 1, data)));
}

function figureOf(root, photo, image, data) {
  const figure = document.createElement("figure");
  const stage = document.createElement("div");
  stage.className = "stage";
  const frame = document.createElement("div");
  frame.className = "photo";
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", photo.alt);
  const [wide, high] = photo.width >= photo.height ? ["100%", "auto"] : ["auto", "100%"];
  Object.assign(frame.style, { width: wide, height: high, aspectRatio: `${photo.width} / ${photo.height}` });
  frame.size = { image, width: photo.width, height: photo.height };
  const picture = document.createElement("img");
  picture.src = photo.source;
  picture.alt = photo.alt;
  picture.draggable = false;
  frame.append(picture);
  const caption = document.createElement("figcaption");
  caption.textContent = photo.caption;
  const world = { root, frame, words: data.words };
  for (const region of data.regions.filter((one) => one.image === image)) {
    addBox(world, {
      x: region.x / photo.width,
      y: region.y / photo.height,
      w: region.w / photo.width,
      h: region.h / photo.height,
    });
  }
  drawWithPointer(world);
  frame.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== frame) return;
    event.preventDefault();
    addBox(world, { x: 0.35, y: 0.35, w: 0.3, h: 0.3 }).focus();
    report(root);
  });
  stage.append(frame);
  figure.append(stage, caption);
  return figure;
}

function drawWithPointer(world) {
  const { root, frame } = world;
  let start = null;
  let box = null;
  const place = (event) => {
    const bounds = frame.getBoundingClientRect();
    return {
      x: clamp((event.clientX - bounds.left) / bounds.width, 0, 1),
      y: clamp((event.clientY - bounds.top) / bounds.height, 0, 1),
    };
  };
  const giveUp = () => {
    if (box) box.remove();
    start = box = null;
  };
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target.closest(".remove")) return;
    start = place(event);
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!start) return;
    const end = place(event);
    const area = {
      x: Math.min(start.x, end.x),
      y: Math.min(start.y, end.y),
      w: Math.abs(end.x - start.x),
      h: Math.abs(end.y - start.y),
    };
    if (box) setArea(box, area);
    else box = addBox(world, area);
  });
  frame.addEventListener("pointerup", () => {
    if (!box || box.area.w < SMALLEST || box.area.h < SMALLEST) return giveUp();
    start = box = null;
    report(root);
  });
  frame.addEventListener("pointercancel", giveUp);
}

function addBox({ root, frame, words }, area) {
  const box = document.createElement("div");
  box.className = "box";
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", words.region.replace("{image}", frame.size.image));
  const button = document.createElement("button");
  button.className = "remove";
  button.type = "button";
  button.textContent = "×";
  button.title = words.remove;
  button.setAttribute("aria-label", words.remove);
  const remove = () => {
    box.remove();
    frame.focus();
    report(root);
  };
  button.addEventListener("click", remove);
  box.addEventListener("keydown", (event) => {
    if (event.target !== box) return;
    if (event.key === "Delete" || event.key === "Backspace") remove();
    else if (event.key in ARROWS) nudge(root, box, ARROWS[event.key], event.shiftKey);
    else {
      if (event.key !== "Shift") reportPending(root);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("focusout", () => reportPending(root));
  box.append(button);
  setArea(box, area);
  frame.append(box);
  return box;
}

function nudge(root, box, [right, down], sizes) {
  const { x, y, w, h } = box.area;
  if (sizes) {
    setArea(box, { x, y, w: clamp(w + right * STEP, SMALLEST, 1 - x), h: clamp(h + down * STEP, SMALLEST, 1 - y) });
  } else {
    setArea(box, { x: clamp(x + right * STEP, 0, 1 - w), y: clamp(y + down * STEP, 0, 1 - h), w, h });
  }
  clearTimeout(root.pending);
  root.pending = setTimeout(() => reportPending(root), PAUSE);
}

// What the arrow keys did goes to Python before any other key does its work.
function reportPending(root) {
  if (root.pending === undefined) return;
  report(root);
}

function setArea(box, area) {
  box.area = area;
  const percent = (value) => `${100 * value}%`;
  Object.assign(box.style, {
    left: percent(area.x),
    top: percent(area.y),
    width: percent(area.w),
    height: percent(area.h),
  });
}

function report(root) {
  clearTimeout(root.pending);
  root.pending = undefined;
  const regions = [...root.querySelectorAll(".box")].map((box) => {
    const { image, width, height } = box.parentElement.size;
    const { x, y, w, h } = box.area;
    const left = Math.min(Math.round(x * width), width - 1);
    const top = Math.min(Math.round(y * height), height - 1);
    return {
      image,
      x: left,
      y: top,
      w: clamp(Math.round(w * width), 1, width - left),
      h: clamp(Math.round(h * height), 1, height - top),
    };
  });
  root.report(regions);
}
