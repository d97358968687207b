from regulations.models.export import Export, ExportStatus
from regulations.models.regulation import Regulation, RegulationStatus
from regulations.models.step import Step, StepStatus

__all__ = ["Export", "ExportStatus", "Regulation", "RegulationStatus", "Step", "StepStatus"]
