"""What a job and an action are called on the pages, and what each will do."""

from typing import Any

from botfolk.bulk.actions import Name
from botfolk.exports.forgetting import KIND as EXPORT
from botfolk.imports.steps import APPLY as IMPORT
from botfolk.imports.steps import CHECK
from botfolk.imports.undo import UNDO as UNDO_IMPORT
from botfolk.jobs.runs import Job
from botfolk.pages.catalogue import gettext as _

MENU: tuple[tuple[Name, ...], ...] = (
    ("add_tag", "remove_tag"),
    ("set_attribute", "remove_attribute"),
    ("pause", "resume", "infinite_session_on", "infinite_session_off"),
    ("recount", "refresh"),
    ("archive", "restore", "block", "unblock", "erase"),
)
"""The actions as the menu groups them."""


def menu() -> list[list[tuple[Name, str]]]:
    """Return the actions with what they are called, in groups."""
    return [[(name, label(name)) for name in group] for group in MENU]


def label(name: Name) -> str:
    """Return what the menu calls an action."""
    return {
        "add_tag": _("Add a tag"),
        "remove_tag": _("Remove a tag"),
        "set_attribute": _("Set an attribute"),
        "remove_attribute": _("Remove an attribute"),
        "pause": _("Pause the bot"),
        "resume": _("Resume the bot"),
        "infinite_session_on": _("Turn infinite session on"),
        "infinite_session_off": _("Turn infinite session off"),
        "archive": _("Archive"),
        "restore": _("Restore from the archive"),
        "block": _("Block"),
        "unblock": _("Unblock"),
        "recount": _("Recount sessions and statistics"),
        "refresh": _("Refresh from their channels"),
        "erase": _("Erase for ever"),
    }[name]


def consequence(name: Name) -> str:
    """Return what an action will do to each user, and how it is taken back."""
    return {
        "add_tag": _("Who has the tag already is left as they are. You can undo it."),
        "remove_tag": _("Who does not have the tag is left as they are. You can undo it."),
        "set_attribute": _("A value that stands there is replaced. You can undo it, and the old values are back."),
        "remove_attribute": _("Its value is removed from each. You can undo it, and the values are back."),
        "pause": _("The bot says nothing to them until the pause ends. You can undo it."),
        "resume": _("The bot answers them again. You can undo it."),
        "infinite_session_on": _("Their sessions go on whatever the gap, from now on. You can undo it."),
        "infinite_session_off": _("Their sessions end again by themselves, from now on. You can undo it."),
        "archive": _("They are hidden from the lists, and the bot no longer answers them. You can undo it."),
        "restore": _("Those who are archived are back in the lists, and the bot answers them. You can undo it."),
        "block": _("Nothing they write is stored, and nothing is sent to them. You can undo it; what they write"
                   " meanwhile is lost."),
        "unblock": _("What those who are blocked write is stored and answered again. You can undo it."),
        "recount": _("Sessions and statistics are computed anew from all messages, under the session length of now."
                     " It cannot be undone."),
        "refresh": _("Each one's channels are asked who they are, and fill what they may: nothing that somebody set is"
                     " overwritten. It goes on in the background."),
        "erase": _("Everything of each person is removed for ever: profile, conversation, files, notes, history. It"
                   " cannot be undone, and no import brings them back."),
    }[name]  # fmt: skip


def title(job: Job) -> str:
    """Return what a job is called in lists."""
    if job.undoes is not None:
        kind = IMPORT if job.kind == UNDO_IMPORT else str(job.spec.get("kind", "bulk"))
        return _("Undo: %s") % _of_kind(kind, job.spec)
    return _of_kind(job.kind, job.spec)


def address(job: Job) -> str:
    """Return where more of a job is to be seen; empty where there is no more."""
    if job.kind in (CHECK, IMPORT):
        return f"/users/imports/{job.spec['import_id']}"
    return "/exports" if job.kind == EXPORT else ""


def _of_kind(kind: str, spec: dict[str, Any]) -> str:
    action = spec.get("action") or {}
    match action.get("action"):
        case "add_tag":
            return _("Add the tag “%s”") % str(action["tag"])
        case "remove_tag":
            return _("Remove the tag “%s”") % str(action["tag"])
        case "set_attribute":
            return _("Set “%(name)s” to “%(value)s”") % {"name": action["name"], "value": _value(action["value"])}
        case "remove_attribute":
            return _("Remove “%s”") % str(action["name"])
        case str(name):
            return label(name)  # type: ignore[arg-type]
    if kind in (CHECK, IMPORT):
        return (_("Check “%s”") if kind == CHECK else _("Import “%s”")) % str(spec["name"])
    known = {"export": _("Export"), "undo": _("Undo"), "rescore": _("Rescore history")}
    return known.get(kind.partition(".")[0], kind)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)[:80]
