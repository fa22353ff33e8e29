/** SIGKILLs a process that was spawned `detached`, with everything still in its process group. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already is the state we wanted.
  }
}
