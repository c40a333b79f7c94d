// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.directory;

import dev.karst.PeerId;
import dev.karst.directory.fixed.FixedDirectory;
import dev.karst.spi.directory.PeerDirectory;
import java.lang.annotation.Annotation;
import java.util.Optional;

class FixedDirectoryContractTest extends PeerDirectoryContract {
    private final Publisher carol = new Publisher();

    @Override
    protected PeerDirectory newDirectory() {
        String entry = "carol=" + carol.unsigned(1).address();
        return new FixedDirectory(
                new FixedDirectory.Settings() {
                    @Override
                    public String[] peers() {
                        return new String[] {entry};
                    }

                    @Override
                    public Class<? extends Annotation> annotationType() {
                        return FixedDirectory.Settings.class;
                    }
                });
    }

    @Override
    protected boolean writable() {
        return false;
    }

    @Override
    protected boolean remote() {
        return false;
    }

    @Override
    protected Optional<PeerId> listed() {
        return Optional.of(carol.id());
    }
}
