# SPDX-License-Identifier: GPL-2.0-only
"""One cell of the matrix: a driver on a kernel."""

import json
import re
from pathlib import Path

from .common import CACHE, RACE, Failure, hash_of, load_json, run, save_json
from .confirm import CONTRADICTED, MODULES_GONE, UNCHECKED, Confirmer, subject_of
from .guest import INPUTS

# The most telling first: what is not there says more than what is elsewhere.
TELLING = ["0411", "0401", "0403", "0412", "0404", "0409", "0410", "0405", "0415", "0413", "0414",
           "0416", "0402", "0406", "0408", "0407"]
READERS = hash_of(Path(__file__).with_name("reader.py"), Path(__file__).with_name("confirm.py"))
STATES = ["works", "loads", "refused", "not built", "crashed", "failed"]
BAD = ("crashed", "failed")


def key_of(driver, kernel):
    """What a result depends on; a record under another key is another's."""
    rcrate = driver.rcrate if driver.rcrate else json.dumps(driver.problem, sort_keys=True)
    return hash_of(rcrate, kernel.folder / "vmlinuz", str(kernel.has_modules), driver.script, RACE,
                   " ".join(driver.own_modules), driver.params, *INPUTS)


def record_of(driver, kernel):
    return CACHE / "matrix/cells" / kernel.release / f"{driver.name}-{key_of(driver, kernel)}.json"


def load(driver, kernel):
    """What is known already.  The words are made anew, and a refusal that was confirmed by
    another version of the readers is looked at again."""
    cell = load_json(record_of(driver, kernel))
    if cell and cell["state"] == "refused":
        return refusal(cell["problems"]) if cell.get("readers") == READERS else None
    return cell


def save(driver, kernel, cell):
    """What failed is run again the next time: it is being looked into."""
    if cell["state"] not in BAD:
        save_json(record_of(driver, kernel), cell)
    return cell


def short(problem):
    """A refusal in a few words."""
    kind, root, path = subject_of(problem["contract"])
    name = root.removeprefix("struct ").removeprefix("union ")
    field = f"{name}.{path}" if path else name
    code = problem["code"].removeprefix("RACE-E")
    if code == "0407":
        numbers = re.search(r"from (-?\d+) to (-?\d+).* the target's is (-?\d+)", problem["message"])
        smaller = numbers and int(numbers[3]) < int(numbers[1])
        what = f"size of `{name}`" if kind == "size" else f"`{field}`"
        return what + (" below the base kernel's" if smaller else " out of range")
    return {"0401": f"no `{root}`", "0402": f"`{name}` is ambiguous", "0403": f"no `{field}`",
            "0404": f"`{field}` has another type", "0405": f"`{field}` is a bit field",
            "0406": f"`{name}` is aligned otherwise", "0408": f"`{name}` is too large",
            "0409": f"`{name}` has another layout", "0410": f"no `{path or root}`",
            "0411": f"`{name}` not exported", "0412": f"`{name}` has another prototype",
            "0413": f"`{name}` is for GPL modules", "0414": f"`{name}` is in a namespace",
            "0415": f"`{name}` is configured otherwise",
            "0416": "no module frame"}.get(code, problem["contract"] or "cannot be linked")


def refusal(problems):
    ranks = {f"RACE-E{code}": rank for rank, code in enumerate(TELLING)}
    first = min(problems, key=lambda problem: (problem["verdict"] != CONTRADICTED,
                                               ranks.get(problem["code"], len(ranks))))
    words = first["remark"] if first["verdict"] == CONTRADICTED else short(first)
    if first["remark"] == MODULES_GONE:
        words = f"`{subject_of(first['contract'])[1]}` not in the image, modules not in the archive"
    more = f", +{len(problems) - 1}" if len(problems) > 1 else ""
    return {"state": "refused", "code": first["code"], "reason": words + more, "problems": problems,
            "readers": READERS}


def imports_of(rcrate):
    """The names of the functions and variables that a .rcrate needs."""
    contracts = json.loads(run(RACE, "inspect", "--json", rcrate).stdout)["contracts"]
    subjects = [subject_of(contract["contract"]) for contract in contracts]
    return [root for kind, root, _ in subjects if kind in ("function", "variable")]


def resolve(driver, kernel, reader_of, base, module):
    """Makes the module, or gives the cell of one that is refused."""
    done = run(RACE, "check", "--json", driver.rcrate, "--target", kernel.folder, check=False)
    try:
        report = json.loads(done.stdout)["targets"][0]
        problems = report["problems"]
    except (ValueError, KeyError, IndexError) as error:
        raise Failure(f"race check {driver.name} --target {kernel.folder}: exit status {done.returncode}\n"
                      f"{done.stdout[-500:]}{done.stderr[-500:]}") from error
    if problems:
        confirmer = Confirmer(reader_of(kernel), base and reader_of(base), imports_of(driver.rcrate))
        for problem in problems:
            problem["verdict"], problem["remark"] = confirmer.check(problem)
        return refusal(problems)
    done = run(RACE, "resolve", driver.rcrate, "--target", kernel.folder, "-o", module, check=False)
    if done.returncode != 0:
        text = done.stderr.strip().removeprefix("race: ")
        code = re.match(r"RACE-E\d{4}", text)
        return refusal([{"code": code[0] if code else "", "contract": "", "source": "",
                         "message": text.partition(": ")[2], "verdict": UNCHECKED,
                         "remark": "`race check` had found nothing"}])
    return None


def is_wrong(cell):
    return any(problem["verdict"] == CONTRADICTED for problem in cell.get("problems", []))
