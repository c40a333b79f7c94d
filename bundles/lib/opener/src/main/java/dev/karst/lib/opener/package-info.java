// SPDX-License-Identifier: Apache-2.0
/** What a server needs to take over from the one before it. */
package dev.karst.lib.opener;
