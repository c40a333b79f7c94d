// SPDX-License-Identifier: Apache-2.0
package dev.karst;

/** Something that happened at this node. New kinds may be added: have a default branch. */
public interface NodeEvent {
    /** The node listens and its signaling is connected. */
    record Ready(PeerAddress address) implements NodeEvent {}

    /** A session changed state. */
    record PeerChanged(PeerId peer, PeerState state, String why) implements NodeEvent {}

    /** An authenticated path came up. */
    record PathUp(PeerId peer, PathInfo path) implements NodeEvent {}

    /** A path ended. */
    record PathDown(PeerId peer, PathInfo path, String why) implements NodeEvent {}

    /**
     * Pipes could not move data for this long, suspended or by a path that was dead; told when they
     * can again.
     */
    record Resumed(PeerId peer, java.time.Duration pause) implements NodeEvent {}

    /** A provider came, went, or is kept out of use. */
    record ProviderChanged(String kind, String name, long generation, Change change, String why)
            implements NodeEvent {
        /** What became of it. */
        public enum Change {
            ARRIVED,
            LEFT,
            DRAINING,
            DRAINED,
            QUARANTINED
        }
    }

    /** The signed record of this node was published. */
    record Published(long number, int directories) implements NodeEvent {}

    /** More, or something else, is known of the NAT in front of this node. */
    record NatChanged(NatInfo nat) implements NodeEvent {}

    /** A port was opened on the router, moved or lost. */
    record PortChanged(PortInfo port) implements NodeEvent {}

    /** Something an operator should look at; {@code advice} says what to do. */
    record Trouble(String what, String advice) implements NodeEvent {}
}
