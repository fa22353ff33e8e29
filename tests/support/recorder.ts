/** A program that takes the whole screen, wants brackets around pastes, and writes down every byte it gets. */
export const RECORDER = `
import os, sys, tty
tty.setraw(0)
os.write(1, b"\\x1b[?1049h\\x1b[?2004hready")
with open(sys.argv[1], "wb", buffering=0) as out:
    while True:
        out.write(os.read(0, 65536))
`;
