// SPDX-License-Identifier: Apache-2.0
/**
 * What an application sees: a {@link dev.karst.Node}, its {@link dev.karst.Peer}s and the {@link
 * dev.karst.Pipe}s to them.
 *
 * <p>A peer is named by its key ({@link dev.karst.PeerId}), never by where it is. A pipe belongs to
 * the core: the path under it may die and the code that carries it may be replaced; the pipe is
 * then {@linkplain dev.karst.PipeState#SUSPENDED suspended} and goes on with no byte lost, repeated
 * or reordered.
 */
@Export
@Version("1.0.0")
package dev.karst;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
