"""What the demo says, in English and in Chinese.

Labels go to the browser once, in both languages, and Gradio shows the one the browser asks for. Sentences that hold
values are made here, in the language that the same browser sends along with its request.
"""

from __future__ import annotations

import gradio as gr

# Language code -> key -> text. Keys are the same in every language; so are the {fields} of a text.
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "agpis_intro": "# Image sequence\nPut in the photos and the title of one product. "
        "Get the images to show, in order, with every reason.",
        "agpis_simulated": "These models learned from simulated reviews. Treat their probabilities as a demonstration "
        "until they are trained on your own.",
        "agpis_photos": "Photos of one product",
        "agpis_photos_hint": "Up to {count} photos of at most {each} MB each, {total} MB together: "
        "JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF. The order does not matter.",
        "agpis_title": "Product title",
        "agpis_title_placeholder": "e.g. Navy canvas backpack with leather straps",
        "agpis_title_help": "The second stage reads the title to judge whether the photos fit it.",
        "agpis_run": "Run",
        "agpis_stop": "Stop",
        "agpis_examples": "Examples: click one to run it",
        "agpis_settings": "Settings",
        "agpis_num_images": "Images in the sequence, K^t",
        "agpis_num_images_help": "How many images the sequence has, the primary image included.",
        "agpis_submission_threshold": "Submission threshold, th^t",
        "agpis_submission_threshold_help": "A sequence is submitted when p^t, its probability of being qualified, "
        "is at least this.",
        "agpis_primary_threshold": "Primary threshold",
        "agpis_primary_threshold_help": "The first image needs a larger p^primary than this.",
        "agpis_noncompliance_threshold": "Non-compliance threshold",
        "agpis_noncompliance_threshold_help": "Images with a larger p^nc than this are removed: banners, watermarks, "
        "logos, collages and the like.",
        "agpis_duplicate_threshold": "Duplicate threshold",
        "agpis_duplicate_threshold_help": "Two images at least this similar show the same thing; one is removed.",
        "agpis_remove_variants": "Remove other colours",
        "agpis_remove_variants_help": "Keep to the colour of the primary image.",
        "agpis_seed": "Seed",
        "agpis_seed_help": "The images after the primary are drawn at random; the same seed, the same draw.",
        "agpis_empty": "Click an example, or add the photos of one product and press **Run**.",
        "agpis_stopped": "Stopped. Press **Run** to begin again.",
        "agpis_verdict": "Verdict",
        "agpis_submission": "p^t against the threshold th^t",
        "agpis_sequence": "The sequence, in order",
        "agpis_candidates": "Photos",
        "agpis_candidates_pictures": "Every photo; orange boxes mark what was added to it",
        "agpis_duplicates": "Duplicates",
        "agpis_duplicates_pictures": "Pairs that show the same thing; green boxes mark what both show",
        "agpis_no_duplicates": "No two photos show the same thing.",
        "agpis_rules": "Outcomes",
        "agpis_rules_plot": "The likeliest outcomes of a review; all of them add up to 1",
        "agpis_not_scored": "There is no sequence, so nothing was judged.",
        "agpis_json": "JSON",
        "agpis_json_result": "The whole result",
        "agpis_sign_in": "Sign in to use this demo.",
        "outcome_submit": "Ready to submit",
        "outcome_below_threshold": "Held back: this sequence would probably be rejected",
        "outcome_no_primary": "No sequence: no photo can open it",
        "outcome_too_few_images": "No sequence: too few photos are left",
        "outcome_no_readable_image": "No sequence: none of the files could be read",
        "remedy_no_primary": "Add a photo that shows the whole product by itself on a plain background, or lower the "
        "primary threshold.",
        "remedy_too_few_images": "Add photos of other sides of the product, ask for a shorter sequence, or relax the "
        "thresholds.",
        "remedy_no_readable_image": "Save the photos as JPEG, PNG or WebP and try again; the reason for each file is "
        "below.",
        "reason_submit": "{p_t} is {p:.2f}, which reaches the threshold {th_t} of {limit:.2f}.",
        "reason_below_threshold": "{p_t} is {p:.2f}, which is below the threshold {th_t} of {limit:.2f}.",
        "status_selected": "Selected",
        "status_remaining": "Remaining",
        "status_removed": "Removed",
        "status_unreadable": "Unreadable",
        "primary": "Primary",
        "kept": "Kept",
        "similarity": "similarity {value:.2f}",
        "relation_duplicate": "same thing twice",
        "relation_variant": "same picture in another colour",
        "feedback": "What a reviewer would write; “yes” stands for no objection",
        "no_feedback": "The model wrote nothing about this sequence.",
        "rule": "Rule {id}",
        "seconds": "Computed in {value:.1f} s.",
        "stage_read": "Reading the photos",
        "stage_assess": "Looking at each photo",
        "stage_evidence": "Looking for what was laid over photos",
        "stage_match": "Comparing the photos in pairs",
        "stage_select": "Choosing",
        "stage_score": "Judging the sequence",
        "stage_feedback": "Writing the feedback",
        "error": "This product could not be run",
        "no_photos": "No photo was given; add the photos of one product, or click an example.",
        "too_many_photos": "{got} photos were given, at most {limit} are taken; remove some.",
        "photo_too_large": "{file} has {got:.1f} MB, at most {limit} MB are taken; save it smaller.",
        "photos_too_large": "The photos have {got:.1f} MB together, at most {limit} MB are taken; remove some or save "
        "them smaller.",
        "no_data_url": "Photo {number} is no data URL; send data:image/jpeg;base64,... with the photo's bytes.",
        "not_a_file": "{file} is no longer here; add it again.",
        "no_threshold": "The submission threshold in force cannot be read, so nothing is run. Tell whoever opened this "
        "demo; its log says why.",
    },
    "zh": {
        "agpis_intro": "# 图片序列\n放入一件商品的照片和标题，得到应展示的图片、它们的顺序以及每一项决定的理由。",
        "agpis_simulated": "这些模型是用模拟审核数据训练的。在用您自己的审核数据训练之前，其概率仅供演示。",
        "agpis_photos": "一件商品的照片",
        "agpis_photos_hint": "最多 {count} 张照片，每张不超过 {each} MB，合计不超过 {total} MB："
        "JPEG、PNG、WebP、GIF、BMP、TIFF 或 AVIF。顺序不限。",
        "agpis_title": "商品标题",
        "agpis_title_placeholder": "例如：藏青色帆布双肩包，皮质肩带",
        "agpis_title_help": "第二阶段会读取标题，以判断照片是否与之相符。",
        "agpis_run": "运行",
        "agpis_stop": "停止",
        "agpis_examples": "示例：点击即可运行",
        "agpis_settings": "设置",
        "agpis_num_images": "序列中的图片数 K^t",
        "agpis_num_images_help": "序列包含多少张图片，主图计算在内。",
        "agpis_submission_threshold": "提交阈值 th^t",
        "agpis_submission_threshold_help": "当序列合格的概率 p^t 不低于此值时，提交审核。",
        "agpis_primary_threshold": "主图阈值",
        "agpis_primary_threshold_help": "第一张图片的 p^primary 必须大于此值。",
        "agpis_noncompliance_threshold": "违规阈值",
        "agpis_noncompliance_threshold_help": "p^nc 大于此值的图片会被移除：横幅、水印、徽标、拼图等。",
        "agpis_duplicate_threshold": "重复阈值",
        "agpis_duplicate_threshold_help": "相似度不低于此值的两张图片视为内容相同，其中一张会被移除。",
        "agpis_remove_variants": "移除其他颜色",
        "agpis_remove_variants_help": "只保留与主图颜色相同的图片。",
        "agpis_seed": "随机种子",
        "agpis_seed_help": "主图之后的图片是随机抽取的；种子相同，结果相同。",
        "agpis_empty": "点击一个示例，或添加一件商品的照片并按下 **运行**。",
        "agpis_stopped": "已停止。按下 **运行** 重新开始。",
        "agpis_verdict": "结论",
        "agpis_submission": "p^t 与阈值 th^t",
        "agpis_sequence": "按顺序排列的序列",
        "agpis_candidates": "照片",
        "agpis_candidates_pictures": "全部照片；橙色框标出后期添加的内容",
        "agpis_duplicates": "重复",
        "agpis_duplicates_pictures": "内容相同的图片对；绿色框标出两图共有的部分",
        "agpis_no_duplicates": "没有内容相同的照片。",
        "agpis_rules": "审核结果",
        "agpis_rules_plot": "最可能的审核结果；所有概率之和为 1",
        "agpis_not_scored": "没有序列，因此没有进行判断。",
        "agpis_json": "JSON",
        "agpis_json_result": "完整结果",
        "agpis_sign_in": "请登录以使用本演示。",
        "outcome_submit": "可以提交",
        "outcome_below_threshold": "暂不提交：此序列很可能被拒绝",
        "outcome_no_primary": "没有序列：没有照片可以作为主图",
        "outcome_too_few_images": "没有序列：剩下的照片太少",
        "outcome_no_readable_image": "没有序列：没有任何文件可以读取",
        "remedy_no_primary": "请添加一张在纯色背景上单独展示整件商品的照片，或降低主图阈值。",
        "remedy_too_few_images": "请添加商品其他角度的照片，减少序列的图片数，或放宽阈值。",
        "remedy_no_readable_image": "请将照片存为 JPEG、PNG 或 WebP 后重试；每个文件的原因见下文。",
        "reason_submit": "{p_t} 为 {p:.2f}，达到阈值 {th_t}（{limit:.2f}）。",
        "reason_below_threshold": "{p_t} 为 {p:.2f}，低于阈值 {th_t}（{limit:.2f}）。",
        "status_selected": "已选用",
        "status_remaining": "备选",
        "status_removed": "已移除",
        "status_unreadable": "无法读取",
        "primary": "主图",
        "kept": "保留",
        "similarity": "相似度 {value:.2f}",
        "relation_duplicate": "内容重复",
        "relation_variant": "同一画面的其他颜色",
        "feedback": "审核员可能写下的意见；“yes”表示没有异议",
        "no_feedback": "模型没有对此序列写下意见。",
        "rule": "规则 {id}",
        "seconds": "计算用时 {value:.1f} 秒。",
        "stage_read": "正在读取照片",
        "stage_assess": "正在检查每张照片",
        "stage_evidence": "正在查找后期添加的内容",
        "stage_match": "正在两两比较照片",
        "stage_select": "正在选择",
        "stage_score": "正在判断序列",
        "stage_feedback": "正在撰写意见",
        "error": "无法处理此商品",
        "no_photos": "没有照片；请添加一件商品的照片，或点击一个示例。",
        "too_many_photos": "共有 {got} 张照片，最多接受 {limit} 张；请移除一些。",
        "photo_too_large": "{file} 有 {got:.1f} MB，最多接受 {limit} MB；请缩小后再保存。",
        "photos_too_large": "照片合计 {got:.1f} MB，最多接受 {limit} MB；请移除一些或缩小后再保存。",
        "no_data_url": "第 {number} 张照片不是 data URL；请以 data:image/jpeg;base64,... 的形式发送照片内容。",
        "not_a_file": "{file} 已不存在；请重新添加。",
        "no_threshold": "无法读取当前生效的提交阈值，因此没有运行。请告知开设本演示的人；原因见其日志。",
    },
}
# Codes that browsers send for Chinese, as Gradio knows them.
_CHINESE = ("zh", "zh-CN", "zh-TW")


def say(language: str, key: str, /, **values: object) -> str:
    """The text of `key` in `language`, with its values put in.

    Raises:
        KeyError: for a language or a key that there is not.
    """
    text = WORDS[language][key]
    return text.format(**values) if values else text


def language_of(accepted: str | None) -> str:
    """The first language that a browser's Accept-Language header prefers, of those the demo speaks; else English."""
    for entry in (accepted or "").split(","):
        code = entry.split(";")[0].strip().split("-")[0].lower()
        if code in WORDS:
            return code
    return "en"


def labels(**values: object) -> gr.I18n:
    """All texts for the browser to choose from; `values` go into the hint under the photos."""
    texts = {
        language: words | {"agpis_photos_hint": words["agpis_photos_hint"].format(**values)}
        for language, words in WORDS.items()
    }
    return gr.I18n(en=texts["en"], **{code: texts["zh"] for code in _CHINESE})
