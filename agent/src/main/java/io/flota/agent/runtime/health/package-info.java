/// What the agent finds out of units by itself: whether they are healthy. And what they offer, kept beside their files'
/// runtime so that the next agent knows it.
package io.flota.agent.runtime.health;
