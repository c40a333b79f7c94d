// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.ConnectReport.Attempt;
import dev.karst.ConnectReport.Outcome;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What came of looking for a peer, for people.
 *
 * @param sentence which path and why, and why not a better one
 * @param advice what would help; empty when all is well
 */
record Verdict(String sentence, String advice) {
    /** Lines of a report that are no strategies. */
    private static final Set<String> ASKING = Set.of("look-up", "signal", "answer", "message");

    private static final int MOST_CHARS = 160;

    /** How efforts for a direct path to this peer ended, this one included. */
    record Tally(int direct, int efforts) {
        static final Tally NONE = new Tally(0, 0);

        Tally add(boolean wasDirect) {
            return new Tally(direct + (wasDirect ? 1 : 0), efforts + 1);
        }
    }

    /** By a strategy of ours; what else was tried may still be interesting. */
    static Verdict won(
            String strategy, boolean relayed, List<Attempt> attempts, Nats nats, Tally tally) {
        if (!relayed) {
            return new Verdict(
                    "connected by "
                            + strategy
                            + ": the first path that proved the peer, and a direct one"
                            + others(attempts, strategy),
                    "");
        }
        return new Verdict(
                "connected by "
                        + strategy
                        + " through a relay: "
                        + nats.obstacle()
                        + others(attempts, strategy),
                nats.help(true, tally));
    }

    /** A direct path, after a relayed one. */
    static Verdict upgraded(String strategy, List<Attempt> attempts) {
        return new Verdict(
                "connected by "
                        + strategy
                        + ": a direct path; a relay carried the data until it stood"
                        + others(attempts, strategy),
                "");
    }

    /** A relay stays in use: this effort was for something better. */
    static Verdict stays(KarstException why, List<Attempt> attempts, Nats nats, Tally tally) {
        return new Verdict(
                "connected through a relay, and no direct path was found ("
                        + cut(why.getMessage())
                        + "): "
                        + nats.obstacle()
                        + others(attempts, ""),
                nats.help(true, tally));
    }

    static Verdict failed(KarstException why, List<Attempt> attempts, Nats nats, Tally tally) {
        boolean tried = attempts.stream().anyMatch(Verdict::isStrategy);
        boolean apart = why.code() == Code.UNREACHABLE || why.code() == Code.TIMEOUT;
        if (apart && unheard(attempts)) {
            return new Verdict(
                    why.getMessage() + others(attempts, ""),
                    "see that the peer runs, reaches its broker and has opened a protocol to this"
                            + " node");
        }
        if (!apart || !tried) {
            return new Verdict(why.getMessage() + others(attempts, ""), advice(why.code()));
        }
        return new Verdict(
                why.getMessage() + ": " + nats.obstacle() + others(attempts, ""),
                noRelay(attempts)
                        ? "name a TURN server in dev.karst.relay.turn: a relay works where nothing"
                                + " else does; or "
                                + nats.help(false, tally)
                        : nats.help(false, tally));
    }

    private static String advice(Code code) {
        return switch (code) {
            case NOT_PERMITTED -> "ask the peer's owner to open a protocol to this node's id";
            case WRONG_KEY -> "ask for the peer's present address: its keys are not those expected";
            case NO_PROVIDER -> "install the feature that is named";
            case NOT_FOUND -> "check the id, or connect by the peer's address";
            default -> "see the attempts for what each place answered";
        };
    }

    private static boolean unheard(List<Attempt> attempts) {
        return attempts.stream()
                .anyMatch(a -> a.strategy().equals("signal") && a.outcome() == Outcome.FAILED);
    }

    private static boolean noRelay(List<Attempt> attempts) {
        return attempts.stream()
                .flatMap(a -> a.evidence().stream())
                .anyMatch(e -> e.startsWith("no relay: "));
    }

    private static boolean isStrategy(Attempt a) {
        return !ASKING.contains(a.strategy());
    }

    /** {@code ; direct failed (…); predict was not tried (…)}, each strategy once. */
    private static String others(List<Attempt> attempts, String winner) {
        Map<String, String> out = new LinkedHashMap<>();
        for (Attempt a : attempts) {
            String how =
                    switch (a.outcome()) {
                        case FAILED -> " failed";
                        case SKIPPED -> " was not tried";
                        default -> "";
                    };
            if (isStrategy(a) && !how.isEmpty() && !a.strategy().equals(winner)) {
                out.put(a.strategy(), a.strategy() + how + reason(a));
            }
        }
        List<String> parts = new ArrayList<>(out.values());
        return parts.isEmpty() ? "" : "; " + String.join("; ", parts);
    }

    private static String reason(Attempt a) {
        int n = a.evidence().size();
        return n == 0 ? "" : " (" + cut(a.evidence().get(n - 1)) + ")";
    }

    private static String cut(String text) {
        return text == null || text.length() <= MOST_CHARS
                ? text
                : text.substring(0, MOST_CHARS) + "…";
    }
}
