/** What an agent is there for. */
export const ROLES = ['master', 'slave', 'swarm', 'test-runner', 'shell', 'unknown'] as const;
