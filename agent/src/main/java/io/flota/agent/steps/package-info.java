/// What the agent does about the difference between the leader's placements and what it sees on its machine, and
/// what it says of each unit. Pure: the same situation always gives the same steps and the same report.
package io.flota.agent.steps;
