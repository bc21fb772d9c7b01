# SPDX-License-Identifier: GPL-2.0-only
"""The examples in the kernel crate's documentation, each as a driver's source."""

import re
from pathlib import Path

from .common import TOP, write_beside
from .drivers import Driver

# Blocks with one of these words are text, or are not to be compiled or run.
NOT_RUN = {"ignore", "text", "compile_fail", "should_panic", "no_run", "c", "sh", "bash", "dts", "json", "plain"}
# What makes a module by itself; such an example stands as it is.
OWN_MODULE = re.compile(r"^\s*(kernel::)?module(_\w+)?! *\{", re.M)

MODULE = """// SPDX-License-Identifier: GPL-2.0
//! {place}
#![allow(unused, dead_code, missing_docs, unreachable_pub)]
{attributes}
use kernel::prelude::*;

module! {{
    type: Example,
    name: "{name}",
    authors: ["the kernel's developers"],
    description: "{place}",
    license: "GPL",
}}

struct Example;

impl kernel::Module for Example {{
    fn init(_module: &'static kernel::ThisModule) -> kernel::error::Result<Self> {{
        example::run();
        pr_info!("the example ends\\n");
        Ok(Example)
    }}
}}

mod example {{
    use kernel::prelude::*;

    pub(crate) fn run() {{
{body}
    }}
}}
"""

# rustdoc does the same with an example that ends in a Result.
FALLIBLE = """fn inner() -> core::result::Result<(), impl core::fmt::Debug> {{
{code}
}}
if let Err(error) = inner() {{
    pr_err!("the example failed: {{:?}}\\n", error);
}}"""


def blocks(path):
    """(line, words behind the fence, lines) of each block of code in doc comments."""
    lines, number = path.read_text().splitlines(), 0
    while number < len(lines):
        opening = re.match(r"\s*(//[/!]) ?\s*```+(.*)$", lines[number])
        number += 1
        if not opening:
            continue
        start, code = number, []
        while number < len(lines):
            inner = re.match(r"\s*" + opening[1] + r" ?(.*)$", lines[number])
            if not inner or inner[1].strip() == "```":
                break
            code.append(inner[1])
            number += 1
        number += 1
        yield start, set(re.split(r"[ ,]+", opening[2].strip())) - {""}, code


def shown(line):
    """rustdoc hides lines that begin with '# ', and takes '##' for '#'."""
    text = line.lstrip()
    if text == "#":
        return ""
    if text.startswith("# "):
        return line.replace("# ", "", 1)
    return line.replace("##", "#", 1) if text.startswith("##") else line


def source_of(name, place, code):
    code = [shown(line) for line in code]
    attributes = [line for line in code if re.match(r"\s*#!\[", line)]
    body = "\n".join(line for line in code if line not in attributes)
    if OWN_MODULE.search(body):
        return "\n".join(["// SPDX-License-Identifier: GPL-2.0", f"//! {place}", *attributes, body]) + "\n"
    if re.search(r"\(\(\)\)\s*$", body):
        body = FALLIBLE.format(code=body)
    elif re.search(r"^fn main\(\)", body, re.M):
        body += "\nmain();"
    return MODULE.format(name=name, place=place, attributes="\n".join(attributes), body=body)


def read(tree, folder):
    """All examples of a kernel tree, their sources written to `folder`."""
    found = []
    crate = tree / "rust/kernel"
    for path in sorted(crate.rglob("*.rs")):
        short = str(path.relative_to(crate).with_suffix("")).replace("/", "_")
        number = 0
        for line, words, code in blocks(path):
            if words & NOT_RUN or not words <= {"rust"}:
                continue
            number += 1
            name = f"example_{short}_{number}"
            source = Path(folder) / f"{name}.rs"
            text = source_of(name, f"rust/kernel/{path.relative_to(crate)}:{line}", code)
            if not source.is_file() or source.read_text() != text:
                write_beside(source, text)
            found.append(Driver(name, [source], TOP / "tests/guest/example.sh", [], ""))
    return found
