// Which state the page is in. What is shown is old in all but the first.
export const STALE_MS = 20_000;
const LOST = 3; // polls in a row
const SLOW_MS = 4000;

export function stateOf({ live, connection, clock }) {
  const { problem, failures, newest } = connection;
  if (!live) {
    if (problem?.code === "no_data") return "empty";
    if (problem?.code === "database_away" || problem?.status === 503) return "away";
    if (failures >= LOST) return "off";
    return clock.now - connection.began >= SLOW_MS ? "slow" : "loading";
  }
  if (failures >= LOST) return "off";
  if (clock.now - newest >= STALE_MS) return problem?.status ? "off" : "stale"; // a service that says why is not asked thrice
  return live.stale ? "database" : "live";
}

// Old numbers lose their colours.
export const isOld = (state) => ["database", "stale", "off"].includes(state);

// No numbers at all: a page of words stands in their place.
export const isNotice = (state, live) => !live && ["empty", "away", "off"].includes(state);
