// SPDX-License-Identifier: Apache-2.0
/**
 * Sessions: what keeps a conversation alive above any number of paths. The format is docs/wire.md.
 *
 * <pre>
 *  pipe (offsets, replay, credit)     StreamPipeImpl, DatagramPipeImpl, SendBuffer, Inbox
 *  session (frames, attach, choice)   Session, PipeTable, LinkTable, FrameWriter, FrameReader
 *  link = path + handshakes + epochs  Link, LinkHandshake, Hello, Epoch, ReplayWindow
 *  path                               dev.karst.spi.transport.Path, of a transport
 * </pre>
 *
 * <p>One lock per session guards its pipes and its choice of links; sealing happens under it,
 * opening outside. Applications are called with no lock held.
 */
package dev.karst.core.session;
