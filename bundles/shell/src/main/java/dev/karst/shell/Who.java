// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.Node;
import dev.karst.Peer;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

/** A peer as a person names it: whole id, the beginning of the id of a session, or address. */
final class Who {
    private static final int FEWEST = 4;
    private static final int WHOLE = 52;

    private Who() {}

    static boolean address(String text) {
        return text.startsWith("karst1.");
    }

    static PeerId id(String text, Node node) {
        String t = text.trim().toLowerCase(Locale.ROOT);
        if (address(text.trim())) {
            return PeerAddress.parse(text).id();
        }
        if (t.length() == WHOLE) {
            return PeerId.parse(t);
        }
        List<PeerId> matching =
                node.peers().stream()
                        .map(Peer::id)
                        .filter(p -> t.length() >= FEWEST && p.toString().startsWith(t))
                        .distinct()
                        .toList();
        if (matching.size() == 1) {
            return matching.get(0);
        }
        throw new IllegalArgumentException(
                (matching.isEmpty() ? "no session with a peer \"" : "several peers begin with \"")
                        + (text.length() > 60 ? text.substring(0, 60) + "…" : text)
                        + "\": give the whole id ("
                        + WHOLE
                        + " characters) or the address (karst1.…); karst:peers lists sessions");
    }

    /** The session with it. */
    static Peer peer(String text, Node node) {
        PeerId id = id(text, node);
        return node.peers().stream()
                .filter(p -> p.id().equals(id))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "no session with "
                                                + id.brief()
                                                + ": run karst:connect first"));
    }

    static CompletionStage<Peer> connect(String text, Node node) {
        return address(text.trim())
                ? node.connect(PeerAddress.parse(text))
                : node.connect(id(text, node));
    }
}
