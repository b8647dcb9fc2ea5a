"""Compares results in which amounts of money may differ by a cent: numbers in fields whose names end with `cents`."""

import json

from componentize_py_types import Err
from wit_world.exports import Comparator as Base
from wit_world.imports.types import Comparison, Difference, ResultValue_Returned, Verdict

TOLERANCE = 1


def differences(path, recorded, replayed):
    """Yields each place at which two values differ by more than rounding."""
    if isinstance(recorded, dict) and isinstance(replayed, dict) and recorded.keys() == replayed.keys():
        for name in recorded:
            yield from differences(f"{path}/{name}", recorded[name], replayed[name])
    elif isinstance(recorded, list) and isinstance(replayed, list) and len(recorded) == len(replayed):
        for index, pair in enumerate(zip(recorded, replayed)):
            yield from differences(f"{path}/{index}", *pair)
    elif recorded != replayed and not is_rounding(path, recorded, replayed):
        yield Difference(path, json.dumps(recorded), json.dumps(replayed))


def is_rounding(path, recorded, replayed):
    are_amounts = path.endswith("cents") and isinstance(recorded, int) and isinstance(replayed, int)
    return are_amounts and abs(recorded - replayed) <= TOLERANCE


class Comparator(Base):
    def compare(self, about, recorded, replayed, data):
        if not (isinstance(recorded, ResultValue_Returned) and isinstance(replayed, ResultValue_Returned)):
            verdict = Verdict.EQUAL if recorded == replayed else Verdict.DIFFERENT
            return Comparison(verdict, None if recorded == replayed else "the operation ended in another way", [])
        try:
            found = list(differences("", json.loads(recorded.value), json.loads(replayed.value)))
        except ValueError as error:
            raise Err(f"the host passed no JSON: {error}")
        if not found:
            return Comparison(Verdict.EQUAL, None, [])
        return Comparison(Verdict.DIFFERENT, "other amounts", found)
