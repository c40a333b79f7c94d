// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Both sides' candidates; each new one is paired with all that it may reach. */
final class Candidates {
    private final CheckList list;
    private final IceSink sink;
    private final Map<Integer, Base> bases = new HashMap<>();
    private final List<Remote> remotes = new ArrayList<>();

    Candidates(CheckList list, IceSink sink) {
        this.list = list;
        this.sink = sink;
    }

    Optional<Base> base(int socket) {
        return Optional.ofNullable(bases.get(socket));
    }

    void local(Base base) {
        if (bases.putIfAbsent(base.socket(), base) == null) {
            remotes.forEach(r -> pair(base, r));
        }
    }

    /** What was learnt from the peer's checks before takes the type and priority told now. */
    void remote(IceCandidate c) {
        Optional<Remote> known = known(c.address());
        if (known.isEmpty()) {
            learn(c);
        } else if (known.get().candidate().type() == CandidateType.PEER_REFLEXIVE) {
            known.get().candidate(c);
            list.sort();
        }
    }

    private Optional<Remote> known(InetSocketAddress address) {
        return remotes.stream().filter(r -> r.candidate().address().equals(address)).findFirst();
    }

    private Optional<Remote> learn(IceCandidate c) {
        if (remotes.size() >= IceAgent.MAX_REMOTE || !Base.usable(c.address())) {
            sink.count("ice.candidate-dropped");
            return Optional.empty();
        }
        Remote r = new Remote(c);
        remotes.add(r);
        bases.values().forEach(b -> pair(b, r));
        return Optional.of(r);
    }

    private Optional<Pair> pair(Base base, Remote r) {
        if (!base.reaches(r.candidate().address())) {
            return Optional.empty();
        }
        Optional<Pair> p = list.find(base.socket(), r.candidate().address());
        return p.isPresent() ? p : list.add(base, r);
    }

    /** The pair that a check of the peer came by, RFC 8445 section 7.3.1.3. */
    Optional<Pair> pairOf(Base base, InetSocketAddress from, StunMessage check) {
        Optional<Pair> pair = list.find(base.socket(), from);
        if (pair.isPresent()) {
            return pair;
        }
        Optional<Remote> remote = known(from);
        if (remote.isEmpty()) {
            long priority = check.get(StunAttributes.PRIORITY).orElseThrow();
            String foundation = "prflx/" + IcePath.text(from);
            remote =
                    learn(
                            new IceCandidate(
                                    CandidateType.PEER_REFLEXIVE, from, priority, foundation));
        }
        return remote.flatMap(r -> pair(base, r));
    }
}
