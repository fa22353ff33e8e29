/** Where a container finds the daemon, when the host's `run/` directory is mounted as it is meant to be. */
export const MOUNTED_SOCKET = '/run/agenttower/agenttowerd.sock';
