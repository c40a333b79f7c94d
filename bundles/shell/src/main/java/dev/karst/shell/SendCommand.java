// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.Peer;
import dev.karst.PipeOptions;
import dev.karst.StreamPipe;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.ByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "send",
        description = "Sends a file to a peer that runs karst:receive",
        detailedDescription = "The file arrives whole and checked by its SHA-256, or not at all.")
public final class SendCommand extends KarstCommand {

    @Argument(
            index = 0,
            name = "peer",
            description = "Id, beginning of the id of a session, or address",
            required = true)
    @Completion(PeerCompleter.class)
    private String peer;

    @Argument(index = 1, name = "file", description = "The file", required = true)
    private String file;

    @Override
    void run(PrintStream out) throws Exception {

        Path path = session().currentDir().resolve(file);
        if (!Files.isRegularFile(path)) {
            throw Failures.because(path + " is not a file", null);
        }
        Peer p = Wait.on(Who.connect(peer, node()), 60, "connecting");
        StreamPipe pipe =
                Wait.on(
                        p.openStream(FileProtocol.ID, PipeOptions.defaults()),
                        60,
                        "opening a pipe");
        Progress progress = new Progress("sent", Files.size(path), new Stopwatch(), out);
        try (pipe;
                ByteChannel channel = pipe.blocking()) {
            String stored = FileProtocol.send(channel, path, progress, () -> pipe.finish());
            out.println(progress.summary() + ", stored as " + Text.safe(stored));
        } catch (IOException e) {
            throw Failures.because("not sent: " + FileProtocol.why(e), e);
        }
    }
}
