// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.time.Duration;

/**
 * A path as seen now.
 *
 * @param generation number given by the controller; the highest is in use; 0 = standby
 * @param strategy what found it, such as {@code direct}
 * @param transport scheme of what carries it, such as {@code tcp}
 * @param local this end
 * @param remote the other end
 * @param crypto the suite and the provider of its present keys, or why there are none
 * @param rtt smoothed round trip time; zero until measured
 * @param bytesOut payload and overhead sent, in bytes
 * @param bytesIn payload and overhead received, in bytes
 * @param inUse whether pipes use it
 * @param why one sentence: why it is (not) the one in use
 */
public record PathInfo(
        long generation,
        String strategy,
        String transport,
        Endpoint local,
        Endpoint remote,
        String crypto,
        Duration rtt,
        long bytesOut,
        long bytesIn,
        boolean inUse,
        String why) {}
