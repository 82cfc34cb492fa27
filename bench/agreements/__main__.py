"""``python -m bench.agreements --json``: fields of agreements read right, on papers that rules were made for and on others."""

from __future__ import annotations

import json

from bench.agreements.measuring import measure
from bench.agreements.returned import FORMS
from bench.measure import arguments, machine


def main() -> None:
    """Prints the figures of seen and unseen papers apart."""
    parser = arguments(__doc__ or "")
    parser.add_argument(
        "--seeds", type=int, nargs="*", default=[1, 2, 3, 4], help="papers that the rules were made for"
    )
    parser.add_argument("--unseen", type=int, nargs="*", default=list(range(900, 906)), help="papers kept apart")
    parser.add_argument("--levels", nargs="+", default=list(FORMS), choices=FORMS)
    parser.add_argument("--dpis", type=int, nargs="+", default=[300, 200], choices=[300, 200])
    parser.add_argument("--layouts", nargs="*", default=[], help="only these kinds of paper")
    given = parser.parse_args()
    ours = {
        name: measure(seeds, given.levels, given.dpis, layouts=given.layouts)
        for name, seeds in (("seen", given.seeds), ("unseen", given.unseen))
        if seeds
    }
    told = {"name": "agreements", "machine": machine(), "runs": 1, "ours": ours, "against": {}, "ratio": {}}
    if given.json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for name, figures in ours.items():
        print(f"{name}: {figures['agreements']} agreements")
        for level, shares in figures["by_level"].items():
            figures_of_level = f"ten fields {shares['ten_fields']:.1%}, all {shares['all_fields']:.1%}"
            print(f"  {level}: {figures_of_level}, {shares['seconds_a_page']} s a page")


if __name__ == "__main__":
    main()
