"""Review in Label Studio: tasks and their form out, annotations back in as decisions."""

from agpis.store.label_studio.annotations import AnnotationImport, import_annotations
from agpis.store.label_studio.tasks import TaskExport, export_tasks

__all__ = ["AnnotationImport", "TaskExport", "export_tasks", "import_annotations"]
