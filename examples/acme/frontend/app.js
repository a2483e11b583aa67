export function describe(health) {
  return health.status === "ok" ? `Version ${health.version} is live.` : "The service is in trouble.";
}

const place = globalThis.document?.getElementById("health");
if (place) {
  try {
    const answer = await fetch("/healthz");
    place.textContent = describe(await answer.json());
  } catch {
    place.textContent = "The service does not answer.";
  }
}
