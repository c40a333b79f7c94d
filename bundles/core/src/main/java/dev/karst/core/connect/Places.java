// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.Endpoint;
import dev.karst.PeerAddress;
import dev.karst.spi.nat.NatProfile;
import java.util.List;

/** What a connection attempt needs to know of this node. */
public interface Places {
    /** Where this node may be reached now. */
    List<Endpoint> candidates();

    /** What stands in front of this node, as far as is known now. */
    NatProfile natProfile();

    /**
     * A peer was not found again where it was: what is known of the NAT may be out of date, since a
     * router that begins anew, or gets another address, tells nobody. It is looked at again.
     */
    void doubt();

    /** Our address with places, for signals to peers we want to reach. */
    PeerAddress ownAddress();
}
