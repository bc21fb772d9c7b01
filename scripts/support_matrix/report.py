# SPDX-License-Identifier: GPL-2.0-only
"""Documentation/support-matrix.md."""

import datetime
import re

from .cells import STATES, is_wrong
from .common import CACHE, write_beside
from .confirm import CONFIRMED, CONTRADICTED, UNCHECKED
from .kernels import FLAVOURS

COLUMNS = 6
MEANING = {
    "works": "resolved, loaded, exercised, unloaded; the kernel's log is clean",
    "loads": "the same, but nothing here can exercise it",
    "refused": "a contract does not hold; nothing was loaded",
    "not built": "`race build` does not compile it",
    "crashed": "the kernel crashed or hung",
    "failed": "it was loaded, or should have been, and a check failed",
}


def portable(text, tree):
    """Without the folders of the machine that made it."""
    text = text.replace(str(tree) + "/", "")
    text = re.sub(r"/\S*?/rustlib/src/rust/library/", "", text)
    text = re.sub(re.escape(str(CACHE)) + r"/sdk/\w+/(variant/\w+/|tree\b)", "SDK/", text)
    text = re.sub(re.escape(str(CACHE)) + r"/matrix/drivers/(\w+)/(source|\w{16}/\S*kbuild)", r"\1", text)
    text = re.sub(r"--> \S*/(\w+/source/)?", "--> ", text) if "error[" in text else text
    # Wherever the cache is, and what else may be at home.
    text = re.sub(re.escape(str(CACHE)) + r"/\S*/", "", text)
    return re.sub(r"(/root|/home/\w+)/\S*/", "", text)


def cell_text(cell):
    if cell is None:
        return "not run"
    state, reason, code = cell["state"], cell.get("reason", ""), cell.get("code", "")
    if state == "works":
        return "works" + (" (at the second try)" if cell.get("first") else "")
    if state == "loads":
        return "loads"
    if state == "refused":
        wrong = " **wrongly**" if is_wrong(cell) else ""
        return f"refused{wrong}: {reason} ({code.removeprefix('RACE-')})"
    return f"**{state}**: {reason}".replace("|", "\\|")


def table(kernels, drivers, cells):
    lines = ["| driver | " + " | ".join(kernel.label for kernel in kernels) + " |",
             "|---" * (len(kernels) + 1) + "|"]
    for driver in drivers:
        row = []
        for kernel in kernels:
            if driver.problem:
                row.append("not built")
            elif not kernel.release:
                row.append("-")
            else:
                row.append(cell_text(cells.get((driver.name, kernel.release))))
        lines.append(f"| {driver.name} | " + " | ".join(row) + " |")
    return lines


def counts(drivers, kernels, cells):
    number = dict.fromkeys(STATES, 0)
    for driver in drivers:
        for kernel in kernels:
            if not kernel.release:
                continue
            cell = cells.get((driver.name, kernel.release))
            number["not built" if driver.problem else cell["state"]] += 1
    return number


def compact(releases, kernels):
    """"6.18.15+deb13: amd64, rt-amd64; ..." of releases that share a diagnostic."""
    groups = {}
    for kernel in kernels:
        if kernel.release in releases:
            groups.setdefault(kernel.release.removesuffix("-" + kernel.flavour), []).append(kernel.flavour)
    return "; ".join(stem if flavours == FLAVOURS else f"{stem}: {', '.join(flavours)}"
                     for stem, flavours in groups.items())


def refusals(drivers, kernels, cells, tree):
    lines = []
    for driver in drivers:
        if driver.problem:
            lines += [f"### {driver.name}: not built", "", "```"]
            lines += portable(driver.problem["text"], tree).splitlines() + ["```", ""]
            continue
        found = {}
        for kernel in kernels:
            cell = cells.get((driver.name, kernel.release))
            for problem in (cell or {}).get("problems", []):
                text = f"{problem['code']}: {portable(problem['message'], tree)}"
                mark = problem["verdict"] + (f": {problem['remark']}" if problem["remark"] else "")
                found.setdefault((text, mark), []).append(kernel.release)
        if not found:
            continue
        lines += [f"### {driver.name}: refused", ""]
        for text in sorted({text for text, _ in found}):
            lines.append("- `" + re.sub(r" \(expected '.*$", "", text) + "`")
            for mark in sorted({mark for other, mark in found if other == text}):
                lines.append(f"  - {mark}, on {compact(found[text, mark], kernels)}")
        lines.append("")
    return lines


def verdicts(cells):
    number = dict.fromkeys((CONFIRMED, CONTRADICTED, UNCHECKED), 0)
    for cell in cells.values():
        for problem in cell.get("problems", []):
            number[problem["verdict"]] += 1
    return number


def render(drivers, kernels, cells, facts):
    run = [kernel for kernel in kernels if kernel.release]
    gone = [kernel.label for kernel in kernels if not kernel.release]
    number, checked = counts(drivers, run, cells), verdicts(cells)
    base = f" BASE={facts['series']}" if facts["series"] else ""
    lines = ["<!-- SPDX-License-Identifier: GPL-2.0-only -->",
             "# Support matrix" + (f", drivers of {facts['series']}" if base else ""), "",
             f"Made by `make matrix{base}`; not edited by hand. Upstream's Rust drivers, unmodified, each built once and then",
             f"linked for, loaded and exercised on stock Debian kernels in QEMU. `MATRIX=all make matrix{base}` takes every release",
             "in the archive; `MATRIX='7.2 amd64,7.3 rt-amd64'` takes some, and leaves this page alone.", "",
             "| | |", "|---|---|",
             f"| date | {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d} |",
             f"| drivers from | {facts['source']} |",
             f"| SDK | base {facts['base']}, {facts['rustc']} |",
             f"| kernels | {len(run)}" + (f"; not in the archive: {', '.join(gone)}" if gone else "") + " |",
             "| cells | " + ", ".join(f"{number[state]} {state}" for state in STATES if number[state]) + " |",
             "| diagnostics of refusals | " + ", ".join(f"{count} {mark}" for mark, count in checked.items()) + " |",
             "", "| a cell says | when |", "|---|---|"]
    lines += [f"| {state} | {MEANING[state]} |" for state in STATES]
    lines += ["", "Refusals are held against another reader of the same kernel (bpftool for types, `__ksymtab`",
              "read by another program, depmod's list of the modules' exports). *Confirmed*: it finds what the diagnostic says;",
              "*wrongly*: it finds otherwise. The codes are explained in [diagnostics.md](diagnostics.md)."]
    for flavour in dict.fromkeys(kernel.flavour for kernel in kernels):
        mine = [kernel for kernel in kernels if kernel.flavour == flavour]
        lines += ["", f"## {flavour}", ""]
        for start in range(0, len(mine), COLUMNS):
            lines += table(mine[start:start + COLUMNS], drivers, cells) + [""]
        lines.pop()
    lines += ["", "## The kernels", "", "| release | built by rustc | its own modules |", "|---|---|---|"]
    lines += [f"| {kernel.release} | {kernel.rustc} | " +
              ("there |" if kernel.has_modules else "not in the archive |") for kernel in run]
    if any(kernel.rustc.endswith("*") for kernel in run):
        lines += ["", "\\* told by core in the image: the same rustc as a kernel whose configuration says so"]
    first = [f"- {name} on {release}: the first time {cell['first'].partition(' (log:')[0]}"
             for (name, release), cell in sorted(cells.items()) if cell.get("first")]
    if first:
        lines += ["", "## At the second try", "", *first]
    noted = [driver for driver in drivers if driver.notes]
    if noted:
        lines += ["", "## Notes", "", "What `race build` says of drivers that it builds.", "", "| driver | note |", "|---|---|"]
        lines += [f"| {driver.name} | {short_note(note, facts['tree'])} |" for driver in noted for note in driver.notes]
    unbuilt = [driver for driver in drivers if driver.problem]
    if unbuilt:
        lines += ["", "## Not built", "", "| driver | why | |", "|---|---|---|"]
        lines += [f"| {driver.name} | {driver.problem['reason']} | {driver.problem['code']} |" for driver in unbuilt]
    loads = sorted({f"- {name}: {cell['reason']}" for (name, _), cell in cells.items() if cell["state"] == "loads"})
    if loads:
        lines += ["", "## Not exercised", "", *loads]
    lines += ["", "## Refusals in full", "", *refusals(drivers, run, cells, facts["tree"])]
    return "\n".join(lines).rstrip() + "\n"


def short_note(note, tree):
    """Its first line; what rustc says beside it is long."""
    return portable(note.splitlines()[0], tree).replace("|", "\\|")


def write(path, *contents):
    write_beside(path, render(*contents))


def as_json(drivers, kernels, cells):
    """The same for programs: {release: {driver: {state, code, reason, wrong}}}."""
    result = {}
    for kernel in kernels:
        row = result[kernel.release] = {}
        for driver in drivers:
            cell = {"state": "not built", **driver.problem} if driver.problem else cells[driver.name, kernel.release]
            row[driver.name] = {"state": cell["state"], "code": cell.get("code", ""),
                                "reason": cell["reason"], "wrong": is_wrong(cell)}
    return result
