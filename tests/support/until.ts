type Falsy = false | 0 | '' | null | undefined;

/**
 * Waits until `check` answers something truthy and returns it; polls every 10 ms.
 * Throws at the deadline with the label and the last error.
 */
export async function until<T>(
  check: () => T | Promise<T>,
  options: { readonly timeoutMs?: number; readonly label?: string } = {},
): Promise<Exclude<T, Falsy>> {
  const { timeoutMs = 5_000, label = String(check) } = options;
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value) return value as Exclude<T, Falsy>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`not so after ${timeoutMs} ms: ${label}`, { cause: lastError });
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
