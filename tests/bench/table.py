# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""What tests/bench/run has measured, as figures and lines of text."""
import statistics

KIB, MIB = 1 << 10, 1 << 20
# What is held against the floor's: the time of all, or of single operations.
TRANSFERS = ("request", "reply")
RATES = (*TRANSFERS, "pipeline", "connections")
# Of which each is there and back, one at a time.
ROUND_TRIPS = ("ping-pong", "ioctl")


def figure(cell, form, result, icount):
    if cell["kind"] == "beside":
        return result["p50" if form == 0 else "p99"]
    if icount and cell["depth"] == 1:
        # A guest that has nothing to do has its clock put to where it has: not a cost.
        return result["mean" if cell["kind"] in ROUND_TRIPS else "p50"]
    if cell["kind"] in RATES or (icount and cell["kind"] != "set-up"):
        return result["ns"] / result["ops"]
    return result["p50"]


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def figures(cell, icount):
    """Return: of each form, its figure of each round."""
    return [[figure(cell, i, r, icount) for r in f["results"]]
            for i, f in enumerate(cell["forms"])]


def add_figures(cell, icount):
    """To each form, its figure; and how it is to the best floor's, round by round."""
    all_figures = figures(cell, icount)
    floor = [min(row) for row in zip(*all_figures[:cell["floors"]])]
    for form, own in zip(cell["forms"], all_figures):
        form["ns"] = spread(own)
        form["ratio"] = spread([a / b for a, b in zip(own, floor)])
        form["above"] = spread([a - b for a, b in zip(own, floor)])


def size_text(size):
    if size and size % MIB == 0:
        return f"{size // MIB} MiB"
    return f"{size // KIB} KiB" if size and size % KIB == 0 else f"{size} B"


def ns_text(ns):
    return f"{ns / 1e6:.2f} ms" if ns >= 1e6 else f"{ns / 1e3:.1f} µs"


def begin(cell, form):
    size = "" if cell["kind"] == "set-up" else size_text(cell["size"])
    return f"{cell['kind']:<12}{size:>8}{cell['depth']:>5}  {form['name']:<28}"


def of_time(cell):
    """Of bandwidth and of rates the share of the floor's is told, of single times how many of
    them. The floor is the best one of the cell's."""
    lines = []
    for i, form in enumerate(cell["forms"]):
        r, ns = form["ratio"], ns_text(form["ns"]["median"])
        if i == 0 and cell["floors"] == 1:
            text = "the floor"
        elif cell["kind"] in RATES:
            text = f"{1 / r['median']:.2f} ({1 / r['max']:.2f} to {1 / r['min']:.2f})"
        else:
            text = f"× {r['median']:.2f} ({r['min']:.2f} to {r['max']:.2f})"
        lines.append(f"{begin(cell, form)}{ns:>12}  {text}")
    return lines


def of_instructions(cell):
    lines = []
    for form in cell["forms"]:
        own = form["ns"]["median"]
        large = cell["kind"] in TRANSFERS
        each = own / (cell["size"] / MIB) if large else own
        above = (f"{100 * (form['ratio']['median'] - 1):+.1f} %" if large else
                 f"{form['above']['median']:+,.0f}")
        lines.append(f"{begin(cell, form)}{each:>12,.0f}{above:>12}")
    return lines


def of_ioctl(cell, icount):
    """A kernel thread's call, a program's, an ioctl; and how many ioctls it is what the program's
    call takes more, round by round."""
    rounds = list(zip(*figures(cell, icount)))
    added = spread([program - kernel for kernel, program, _ in rounds])
    times = spread([(program - kernel) / ioctl for kernel, program, ioctl in rounds])

    def text(own):
        return f"{own:,.0f}" if icount else ns_text(own)
    lines = [f"{begin(cell, f)}{text(f['ns']['median']):>12}" for f in cell["forms"]]
    return [*lines, f"{begin(cell, {'name': 'a program adds'})}{text(added['median']):>12}  "
            f"{times['median']:.2f} ioctls ({times['min']:.2f} to {times['max']:.2f})"]


# Whose round trip is to be sooner than whose, and of both no more than the mean is known.
CALLS, OTHERS = "program, waits, program", "ibv_rc_pingpong, events"


def of_others(cell):
    """What a program's call of a program takes of what another's round trip takes, by round."""
    means = {f["name"]: [r["mean"] for r in f["results"]] for f in cell["forms"]}
    if CALLS not in means or OTHERS not in means:
        return []
    r = spread([a / b for a, b in zip(means[CALLS], means[OTHERS])])
    return [f"{begin(cell, {'name': CALLS})}{ns_text(statistics.median(means[CALLS])):>12}  "
            f"× {r['median']:.2f} ({r['min']:.2f} to {r['max']:.2f}) of {OTHERS}, means"]


# Calls over so many connections, and over so many more, for as much at once.
FEWER, MORE = 64, 1000


def of_growth(cells, icount):
    """What one takes more where there are more connections: of bare verbs, and of calls."""
    own = {}
    for cell in cells:
        if cell["kind"] == "connections":
            for form, rounds in zip(cell["forms"], figures(cell, icount)):
                who, over = form["name"].split(", ")
                own[who, int(over.split()[0])] = cell, rounds
    lines = []
    for who in ("floor", "kernel"):
        if (who, FEWER) in own and (who, MORE) in own:
            cell, rounds = own[who, MORE]
            r = spread([b / a for a, b in zip(own[who, FEWER][1], rounds)])
            lines.append(f"{begin(cell, {'name': f'{who}, {FEWER} to {MORE}'})}{'':>12}  "
                         f"× {r['median']:.2f} ({r['min']:.2f} to {r['max']:.2f})")
    return lines


def of_memory(cells):
    """What a connection takes, both its ends: of more and fewer ones, the difference."""
    few, *_, many = sorted((c for c in cells if c["kind"] == "set-up"), key=lambda c: c["depth"])
    more = many["depth"] - few["depth"]
    lines = []
    for a, b in zip(few["forms"], many["forms"]):
        each = spread([(y["bytes"] - x["bytes"]) / more
                       for x, y in zip(a["results"], b["results"])])
        lines.append(f"{'memory':<12}{'':>8}{more:>5}  {a['name']:<28}{each['median']:>10,.0f} B  "
                     f"({each['min']:,.0f} to {each['max']:,.0f}), a connection's two ends")
    return lines


def of(found):
    """Lines, of what tests/bench/run leaves."""
    lines = [f"{found['commit']}, kernel {found['kernel']} ({found['lab']}), {found['device']}, "
             f"processors: {found['smp']}, {found['rounds']} rounds, {found['machine']['cpu']}"]
    icount = found["unit"] == "instructions"
    for cell in found["cells"]:
        if cell["kind"] == "ioctl":
            lines += of_ioctl(cell, icount)
        else:
            lines += of_instructions(cell) if icount else of_time(cell) + of_others(cell)
    lines += of_growth(found["cells"], icount)
    if sum(c["kind"] == "set-up" for c in found["cells"]) > 1:
        lines += of_memory(found["cells"])
    return lines
