"""The report: one self-contained page for somebody who has never seen the tool."""

from analysis.report.build import ReportOptions, build_report
from analysis.report.page import render

__all__ = ["ReportOptions", "build_report", "render"]
