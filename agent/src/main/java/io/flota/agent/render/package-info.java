/// Files that are rendered for units from what the cluster knows: templates and facts to bytes, what becomes of an
/// HAProxy, both pure; and for each unit a loop that writes, checks and has the unit take them.
package io.flota.agent.render;
