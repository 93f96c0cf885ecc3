// The page of words where there are no numbers: the database is away, or there is no history yet.
import { countdown } from "./bands.js";
import { isNotice, stateOf } from "./state.js";

const COMMANDS = [
  ["empty.one", "make run"],
  ["empty.docker", "docker compose up -d"],
  ["empty.own", "btc-volatility backfill && btc-volatility aggregate"],
  ["empty.look", "make demo"],
];
const CHECKS = ["away.check.database", "away.check.service"];

export function notice(answers, choices, words) {
  const state = stateOf(answers);
  if (!isNotice(state, answers.live)) return { state };
  return state === "empty" ? empty(answers, words) : away(answers, words);
}

function empty({ quality }, words) {
  return {
    state: "empty",
    text: words.say("empty.text"),
    commands: COMMANDS.map(([key, command]) => ({ name: words.say(key), command })),
    progress: progressOf(quality, words),
  };
}

// What a running job has done of how much: hours fetched, then sessions computed.
function progressOf(quality, words) {
  const runs = (quality?.symbols ?? []).flatMap(({ backfill, aggregation }) => [
    { run: backfill, name: "empty.fetched" },
    { run: aggregation, name: "empty.summed" },
  ]);
  const running = runs.filter(({ run }) => run?.result === "running" && run.total);
  return running.map(({ run, name }) => ({
    name: words.say(name),
    done: run.done,
    total: run.total,
    text: words.say("empty.progress", { a: words.format.integer(run.done), b: words.format.integer(run.total) }),
  }));
}

function away({ connection, clock }, words) {
  const { problem, trying, next } = connection;
  const detail = problem?.status && problem.detail ? words.say("away.detail", { detail: problem.detail }) : "";
  return {
    state: "away",
    text: [detail, words.say("away.text"), trying ? words.say("next.now") : countdown(next - clock.now, words)]
      .filter(Boolean)
      .join(" "),
    again: words.say("retry"),
    check: words.say("away.check"),
    checks: CHECKS.map((key) => [words.say(key)]),
    ask: words.parts("away.check.ready", { link: { href: "readyz" } }),
  };
}
