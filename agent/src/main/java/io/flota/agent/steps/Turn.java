package io.flota.agent.steps;

import com.google.common.collect.ImmutableList;
import io.flota.unit.UnitState;
import java.time.Instant;

/// That a unit was started, has stopped or has failed, as two states in a row tell it. States in between may have been
/// missed: a unit that runs now, but not as it ran before, was started.
///
/// @param byItself whether nobody but the runtime made it so: `Restart=`, or the unit's own end
/// @param words what the state says of it; may be empty
public record Turn(Kind kind, boolean byItself, String words) {
    public enum Kind {
        STARTED,
        STOPPED,
        FAILED
    }

    /// A unit that was never seen, and one that is not there any more.
    public static final UnitState NONE =
            new UnitState("not-found", "inactive", "dead", "", "", 0, Instant.EPOCH, "", 0, 0);

    private enum Mode {
        UP,
        DOWN,
        FAILED,
        BETWEEN
    }

    /// Whether a unit is neither up nor down. What came of it is told from the state before it and the one after it.
    public static boolean isBetween(UnitState state) {
        return mode(state, state) == Mode.BETWEEN;
    }

    /// What has become of a unit between two states, of which neither [#isBetween].
    public static ImmutableList<Turn> between(UnitState before, UnitState now) {
        var was = mode(before, before);
        boolean again = isOtherRun(before, now);
        return switch (mode(before, now)) {
            case UP -> was == Mode.UP && !again ? ImmutableList.of() : ImmutableList.of(started(before, now));
            case FAILED ->
                was == Mode.FAILED && !again && before.since().equals(now.since())
                        ? ImmutableList.of()
                        : ImmutableList.of(new Turn(Kind.FAILED, true, now.message()));
            case DOWN -> was == Mode.UP
                    ? ImmutableList.of(new Turn(Kind.STOPPED, now.generation() != 0, news(before, now)))
                    : ranUnseen(before, now);
            case BETWEEN -> ImmutableList.of();
        };
    }

    private static Turn started(UnitState before, UnitState now) {
        boolean byItself = now.generation() == before.generation() && now.restarts() > before.restarts();
        return new Turn(Kind.STARTED, byItself, byItself ? "restart " + now.restarts() : "");
    }

    private static ImmutableList<Turn> ranUnseen(UnitState before, UnitState now) {
        boolean ran = now.generation() != 0 && now.generation() != before.generation();
        String words = news(before, now);
        return ran
                ? ImmutableList.of(new Turn(Kind.STARTED, false, "has ended since" + (words.isEmpty() ? "" : ": " + words)))
                : ImmutableList.of();
    }

    private static boolean isOtherRun(UnitState before, UnitState now) {
        return before.generation() != now.generation()
                || before.restarts() != now.restarts()
                || before.mainPid() != now.mainPid() && !before.since().equals(now.since());
    }

    private static Mode mode(UnitState before, UnitState now) {
        return switch (now.active()) {
            case "active", "reloading" -> Mode.UP;
            case "inactive" -> Mode.DOWN;
            case "failed" -> Mode.FAILED;
            case "activating" -> now.sub().equals("auto-restart") ? restarting(before, now) : Mode.BETWEEN;
            default -> Mode.BETWEEN;
        };
    }

    /// A unit that waits for `Restart=` has failed, unless it has nothing to say that it did not say while it ran.
    private static Mode restarting(UnitState before, UnitState now) {
        boolean ran = before.active().equals("active");
        return now.message().isEmpty() || ran && news(before, now).isEmpty() ? Mode.DOWN : Mode.FAILED;
    }

    private static String news(UnitState before, UnitState now) {
        return now.message().equals(before.message()) ? "" : now.message();
    }
}
