"""Predictions: accepted in one commit, run, and ended in one commit. Money moves in those two and nowhere else."""

from stillmotion.server.codes import Code
from stillmotion.server.predictions.ending import cancel, complete, completed_by, fail
from stillmotion.server.predictions.places import give_places, waiting_accounts
from stillmotion.server.predictions.records import Attempt, Prediction, Repeated, Status, StoredFile, Submission
from stillmotion.server.predictions.running import begin, give_back, report, tell, wanted
from stillmotion.server.predictions.shelf import Wanted, delete, find, is_kept, is_over, listing, page
from stillmotion.server.predictions.submitting import as_remembered, foresee, known, remix_known, submit

__all__ = [
    "Attempt",
    "Code",
    "Prediction",
    "Repeated",
    "Status",
    "StoredFile",
    "Submission",
    "Wanted",
    "as_remembered",
    "begin",
    "cancel",
    "complete",
    "completed_by",
    "delete",
    "fail",
    "find",
    "foresee",
    "give_back",
    "give_places",
    "is_kept",
    "is_over",
    "known",
    "listing",
    "page",
    "remix_known",
    "report",
    "submit",
    "tell",
    "waiting_accounts",
    "wanted",
]
