// SPDX-License-Identifier: Apache-2.0
/** What is added to a provider's jar to make it fail at will. */
package dev.karst.itests.swap.woven;
