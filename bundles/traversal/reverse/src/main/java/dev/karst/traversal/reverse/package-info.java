// SPDX-License-Identifier: Apache-2.0
/** Connecting back: the side that was asked dials the side that asked. */
package dev.karst.traversal.reverse;
