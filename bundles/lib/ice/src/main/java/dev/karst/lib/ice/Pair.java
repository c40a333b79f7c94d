// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import dev.karst.lib.ice.IcePairReport.State;
import java.net.InetSocketAddress;

/** A local end and a remote candidate. */
final class Pair {
    final Base base;
    final Remote remote;
    State state = State.FROZEN;

    /** Under way; null if none. */
    Check check;

    /** The next check carries USE-CANDIDATE. */
    boolean nominate;

    /** The peer's check carried USE-CANDIDATE. */
    boolean remoteNominated;

    InetSocketAddress mapped;
    long validAt;
    long rtt;
    int sent;
    int asked;
    long askedAt;

    Pair(Base base, Remote remote) {
        this.base = base;
        this.remote = remote;
    }

    InetSocketAddress to() {
        return remote.candidate().address();
    }

    long priority(boolean controlling) {
        long ours = base.priority();
        long theirs = remote.candidate().priority();
        return controlling ? IcePriorities.pair(ours, theirs) : IcePriorities.pair(theirs, ours);
    }

    String foundation() {
        return base.socket() + ":" + remote.candidate().foundation();
    }

    boolean relayed() {
        return base.type() == CandidateType.RELAYED
                || remote.candidate().type() == CandidateType.RELAYED
                || IcePriorities.relayed(remote.candidate().priority());
    }

    boolean open() {
        return state == State.FROZEN || state == State.WAITING || state == State.IN_PROGRESS;
    }

    IcePath path() {
        return new IcePath(
                base.socket(),
                to(),
                mapped,
                mapped.equals(base.address()) || base.type() == CandidateType.RELAYED
                        ? base.type()
                        : CandidateType.PEER_REFLEXIVE,
                remote.candidate().type(),
                relayed(),
                rtt);
    }

    IcePairReport report() {
        return new IcePairReport(
                base.socket(),
                base.type(),
                remote.candidate(),
                state,
                sent,
                asked,
                mapped != null,
                rtt);
    }
}
