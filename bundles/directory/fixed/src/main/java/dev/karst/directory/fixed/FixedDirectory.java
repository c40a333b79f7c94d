// SPDX-License-Identifier: Apache-2.0
package dev.karst.directory.fixed;

import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.spi.Scope;
import dev.karst.spi.directory.PeerDirectory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Peers written down in the configuration: no network, nothing published. */
@Component(
        property = "karst.name=fixed",
        configurationPid = FixedDirectory.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = FixedDirectory.Settings.class)
public final class FixedDirectory implements PeerDirectory {
    static final String PID = "dev.karst.directory.fixed";

    private static final System.Logger LOG = System.getLogger(FixedDirectory.class.getName());

    private final Map<PeerId, List<Listing>> peers;

    /** Settings. */
    @ObjectClassDefinition(name = "Karst fixed peers")
    public @interface Settings {
        @AttributeDefinition(description = "Peer addresses, each as name=karst1.… or just karst1.…")
        String[] peers() default {};
    }

    @Activate
    public FixedDirectory(Settings settings) {
        this(settings.peers());
    }

    /** Without a container. Entries that are no peer address are logged and left out. */
    FixedDirectory(String[] peers) {
        // a plain .cfg file gives one text, whatever the type of the setting
        String[] entries = String.join(",", peers).split(",");
        Map<PeerId, List<Listing>> known = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i++) {
            String entry = entries[i].trim();
            if (entry.isEmpty()) {
                continue;
            }
            int equals = entry.indexOf('='); // base64url without padding has none
            try {
                PeerAddress address = PeerAddress.parse(entry.substring(equals + 1));
                known.computeIfAbsent(address.id(), id -> new ArrayList<>())
                        .add(Listing.of(address));
            } catch (IllegalArgumentException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0}: entry {1} of peers ({2}) is skipped: {3}",
                        PID,
                        i,
                        equals < 0 ? "without a name" : entry.substring(0, equals).trim(),
                        e.getMessage());
            }
        }
        known.replaceAll((id, listings) -> List.copyOf(listings));
        this.peers = Map.copyOf(known);
    }

    @Override
    public CompletionStage<List<Listing>> lookup(PeerId peer, Scope scope) {
        return CompletableFuture.completedStage(peers.getOrDefault(peer, List.of()));
    }

    @Override
    public CompletionStage<Void> publish(
            PeerId self, byte[] record, Consumer<Optional<byte[]>> onForeign, Scope scope) {
        return CompletableFuture.completedStage(null);
    }
}
