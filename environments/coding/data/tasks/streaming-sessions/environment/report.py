"""Prints the sessions of a log: python3 report.py GAP < LOG"""

import sys

from sessions import sessions


def main() -> None:
    for session in sessions(sys.stdin, int(sys.argv[1])):
        print(*session)


if __name__ == "__main__":
    main()
