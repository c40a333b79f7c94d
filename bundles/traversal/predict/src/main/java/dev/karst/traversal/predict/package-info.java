// SPDX-License-Identifier: Apache-2.0
/**
 * Paths through NATs that give each destination another port: where ports follow a rule they are
 * predicted, where they are random on one side many are tried. Both sides take part.
 */
package dev.karst.traversal.predict;
