// SPDX-License-Identifier: Apache-2.0
package dev.karst.tunnel;

/**
 * What went through one tunnel since it was made.
 *
 * @param active connections (UDP: source addresses) that are open now
 * @param opened connections that reached the other end, so far
 * @param refused connections refused because a limit was reached
 * @param failed connections that did not reach the other end
 * @param dropped datagrams dropped: too long, path down or congested, or too many waiting
 * @param bytesOut payload bytes sent to the peer
 * @param bytesIn payload bytes received from the peer
 * @param lastFailure the last reason of {@code failed}; empty if there was none
 */
public record Traffic(
        int active,
        long opened,
        long refused,
        long failed,
        long dropped,
        long bytesOut,
        long bytesIn,
        String lastFailure) {}
