"""Rules of requests that the schemas of single parameters cannot express."""

from datetime import date

import schemathesis


@schemathesis.hook
def map_case(context, case):
    """`last_updated` and `email` exclude each other, so a request keeps the parameter under test."""
    if has_both(case):
        is_about_email = getattr(case.meta.phase.data, "parameter", None) == "email"
        del case.query["last_updated" if is_about_email else "email"]
    return case


@schemathesis.hook
def filter_case(context, case):
    """Leaves out days that no calendar has. Also leaves out a wrong request with both parameters if
    the wrong part is unknown, because `map_case` could remove this part."""
    is_known = case.meta.generation.mode.is_positive or hasattr(case.meta.phase.data, "parameter")
    if has_both(case) and not is_known:
        return False
    moment = (case.query or {}).get("last_updated")
    return not isinstance(moment, str) or not is_like_a_day(moment) or is_day(moment)


def has_both(case):
    return {"last_updated", "email"} <= set(case.query or {})


def is_like_a_day(moment):
    """Whether the text begins in the form YYYY-MM-DD."""
    return [part.isdigit() for part in moment.strip()[:10].split("-")] == [True] * 3


def is_day(moment):
    """Whether a calendar has the day. Python's calendar has no year 0."""
    day = moment.strip()[:10]
    try:
        date.fromisoformat("2000" + day[4:] if day.startswith("0000") else day)
    except ValueError:
        return False
    return True
