/*
 * Lease, self-fence and takeover of one exclusive unit, as scheduler/EXCLUSIVE.md describes them.
 *
 * Machine A runs the unit under its lease and may be paused, cut off or restarted at any moment; a scheduler moves the
 * unit to machine B, and back. Every step may come at once, late or never, with one exception: the watchdog's kill. So
 * a lost message, a slow network, a paused agent, a paused scheduler and a lagging watch need no steps of their own:
 * they are steps that do not come.
 *
 * Time is counted in ticks. etcd and the scheduler tick with Time; A's clock may lose or gain one tick in DRIFT.
 * Timers count down to 0, so that the model needs no end of time.
 *
 * ExclusiveModelTest checks it as it stands, and once for each of the macros that turn one rule off.
 */
#ifdef EPOCHS
#define TTL 2           /* the least that is safe: here it is the order of the writes that counts */
#define GRACE 0
#define KILL 0
#define DEPOSED 0
#else
#ifndef TTL
#define TTL 4           /* of the leases of A */
#endif
#define GRACE 1         /* no start in the last ticks before the deadline */
#define KILL 1          /* from the deadline until the last process is gone, on A's clock */
#define DEPOSED 2       /* for how long a deposed etcd leader acknowledges after the next one took over */
#endif
#ifndef DRIFT
#define DRIFT 10        /* no more than one tick is lost or gained in so many: longer than TTL + WAIT */
#endif

#ifdef NO_MARGIN
#define MARGIN 0
#else
#define MARGIN 1        /* the drift over one TTL */
#endif

#if defined(NO_WAIT)
#define WAIT 0
#elif defined(WAIT_FOR_KILL_ONLY)
#define WAIT KILL
#elif !defined(WAIT)
#define WAIT (DEPOSED + KILL)
#endif

#define FENCE (TTL - MARGIN)
#define NONE 255        /* no such lease */

/* ---- etcd ---- */
byte keyLeft = NONE;    /* what is left of the lease of A's machine key; at 0 it may end at any time. NONE: no key */
byte newLeft = NONE;    /* the same of a lease that nothing is registered under yet */
bool placedAtA = true;
byte deposed = 0;       /* for how long a former etcd leader still acknowledges */

/* ---- machine A: its clock, the agent, the watchdog, the unit ---- */
byte steady = 0;        /* for how long A's clock can neither lose nor gain a tick */
mtype = { none, new, keys }
mtype lease = none;     /* the agent's: that of the key, or a new one */
bool registered = false;/* the agent knows that its key is under its lease */
bool fresh = false;     /* what it knows of the placement is not older than its registration */
bool believes = true;   /* what it knows: placed at A. Old knowledge may always say so */
mtype = { idle, granting, asking, answered }
mtype call = idle;      /* the agent's one call about its lease */
byte promised = 0;      /* the deadline that the answer to the call allows */
byte deadline = 0;      /* the watchdog's */
byte overdue = 0;       /* for how long the deadline has passed while the unit is active */
bool starting = false;  /* the agent has decided to start the unit */
byte startBy = 0;       /* the deadline at that decision */
bool atA = false;       /* the unit is active at A */
#ifdef RESTART_UNCHECKED
bool restarts = false;  /* will be started again without another decision */
#endif

/* ---- the leading scheduler and machine B ---- */
bool sawAbsent = false;
byte waiting = 0;       /* what is left of the wait */
bool missed = false;    /* A has registered since the leader last looked */
bool atB = false;

#ifdef NO_WATCHDOG
#define KILLS false
#else
#define KILLS true
#endif

#ifdef FEED_UNREGISTERED
#define MAY_FEED true
#else
#define MAY_FEED registered
#endif

#ifdef STALE_PLACEMENT
#define KNOWS true
#else
#define KNOWS fresh
#endif

#ifdef START_UNCHECKED
#define IN_TIME true
#else
#define IN_TIME (startBy > 0)
#endif

/* What the transaction compares (a deposed scheduler's fails, and is no step), and that no return goes unseen. */
#if defined(NO_ABSENT)
#define MAY_MOVE true
#elif defined(RETURN_UNSEEN)
#define MAY_MOVE (keyLeft == NONE)
#else
#define MAY_MOVE (keyLeft == NONE && !missed)
#endif

/*
 * Epochs: revisions are counted up to LAST_REVISION, and nothing is written beyond. A start's base is the placement's
 * revision or the registration's, whichever is higher; starts under one base are counted by the one machine.
 */
#ifdef EPOCHS
#ifndef LAST_REVISION
#define LAST_REVISION 7
#endif
#define DRIFTS false
byte revision = 1, placedRev = 1, readRev = 1, registeredRev = 0, startBase = 0, registeredRevB = 1;
byte newBase = 0;
byte lastBase = 0;
bool counts = false, lastAtA = true; /* who started last, and still knows how often under that base */
#define CAN_WRITE (revision < LAST_REVISION)
#define WRITES(what) revision++; what = revision
#if defined(EPOCH_OF_PLACEMENT)
#define BASE_A readRev
#define BASE_B placedRev
#elif defined(EPOCH_OF_REGISTRATION)
#define BASE_A registeredRev
#define BASE_B registeredRevB
#else
#define BASE_A (readRev > registeredRev -> readRev : registeredRev)
#define BASE_B (placedRev > registeredRevB -> placedRev : registeredRevB)
#endif
inline epoch(base, here) {
    assert(base > lastBase || (base == lastBase && here == lastAtA && counts));
    counts = true;
    lastBase = base;
    lastAtA = here
}
#else
#define DRIFTS true
#define CAN_WRITE true
#define WRITES(what) skip
#endif

#ifdef SHOW
bool ranAtA = false, movedOn = false;
inline check() {
    ranAtA = ranAtA || atA;
    movedOn = movedOn || (ranAtA && !atA && atB);
    assert(!(movedOn && atA && !atB)) /* from A to B and back is possible: this must fail */
}
#else
inline check() {
    assert(!(atA && atB))
}
#endif

#define DOWN(timer) timer = (timer > 0 && timer != NONE -> timer - 1 : timer)

inline tickA() {
    DOWN(promised);
    DOWN(startBy);
    if
    :: deadline > 0 -> deadline--
    :: deadline == 0 && atA && overdue < KILL -> overdue++
    :: else
    fi
}

/* A kill that is due comes before time goes on. */
active proctype Time() {
    do
    :: atomic { !(KILLS && atA && deadline == 0 && overdue == KILL) ->
        printf("tick\n");
        DOWN(keyLeft);
        DOWN(newLeft);
        DOWN(deposed);
        DOWN(waiting);
        if
        :: tickA(); DOWN(steady)
        :: DRIFTS && steady == 0 -> printf("A's clock loses it\n"); steady = DRIFT - 1
        :: DRIFTS && steady == 0 -> printf("A's clock gains one\n"); tickA(); tickA(); steady = DRIFT - 1
        fi
    }
    od
}

inline endKey() {
    printf("etcd: the lease of the key has ended\n");
    keyLeft = NONE
}

active proctype Etcd() {
    do
    :: atomic { keyLeft == 0 -> endKey() } /* late, never early */
    :: atomic { newLeft == 0 -> printf("etcd: the new lease has ended\n"); newLeft = NONE }
#ifdef LEASE_ENDS_EARLY
    :: atomic { keyLeft != NONE -> endKey() }
#endif
    :: atomic { keyLeft != NONE ->
        printf("etcd: another leader; all leases count from the start\n");
        keyLeft = TTL;
        newLeft = (newLeft == NONE -> NONE : TTL);
        deposed = DEPOSED
    }
    :: atomic { call == granting ->
        printf("etcd: grants a lease\n");
        newLeft = TTL;
        lease = new;
        call = answered
    }
    :: atomic { call == asking && keyLeft != NONE && keyLeft > 0 ->
        printf("etcd: renews the lease\n");
        keyLeft = TTL;
        call = answered
    }
    :: atomic { call == asking && deposed > 0 ->
        printf("etcd: the deposed leader acknowledges\n");
        call = answered
    }
#ifdef DEPOSED_FOR_EVER
    :: atomic { call == asking -> printf("etcd: a leader long deposed acknowledges\n"); call = answered }
#endif
    od
}

inline forget() {
    lease = none;
    registered = false;
    fresh = false;
    believes = true;
    call = idle;
    promised = 0;
#ifdef EPOCHS
    readRev = 0;
    registeredRev = 0;
#endif
    newLeft = NONE
}

inline reboot() {
    atA = false;
    overdue = 0;
    deadline = 0;
    starting = false;
#ifdef EPOCHS
    startBase = 0;
    counts = counts && !lastAtA;
#endif
    startBy = 0
}

inline feed() {
#ifdef FROM_RECEIPT
    promised = FENCE;
#endif
    printf("watchdog: told a deadline in %d\n", promised);
    deadline = promised;
    overdue = 0;
    promised = 0
}

active proctype Agent() {
    do
    :: atomic { call == idle && lease == none -> /* from the sending on, the deadline runs */
        printf("agent: asks for a lease\n");
        call = granting;
        promised = FENCE
    }
    :: atomic { call == idle && registered ->
        printf("agent: asks to renew the lease\n");
        call = asking;
        promised = FENCE
    }
    :: atomic { call == asking -> printf("agent: gives up asking\n"); call = idle; promised = 0 }
    :: atomic { call == asking && keyLeft == NONE -> printf("agent: hears that the lease has ended\n"); forget() }
    :: atomic { lease == new && newLeft == NONE -> printf("agent: hears that the new lease has ended\n"); forget() }
    :: atomic { lease == new && newLeft != NONE && CAN_WRITE ->
        printf("agent: registers\n");
        WRITES(registeredRev);
        keyLeft = newLeft;
        newLeft = NONE;
        lease = keys;
        missed = true
    }
    :: atomic { lease == keys && !registered && keyLeft != NONE ->
        printf("agent: knows that it is registered\n");
        registered = true
    }
    :: atomic { call == answered && promised > 0 && MAY_FEED -> feed(); call = (registered -> idle : call) }
    :: atomic { call == answered && promised == 0 && registered -> printf("agent: too late to be told\n"); call = idle }
    :: atomic { registered && !(fresh && believes == placedAtA) ->
        printf("agent: reads the placement\n");
        believes = placedAtA;
#ifdef EPOCHS
        readRev = placedRev;
#endif
        fresh = true
    }
    :: atomic { registered && KNOWS && believes && deadline > GRACE && !starting && !atA ->
        printf("agent: decides to start the unit\n");
        starting = true;
        startBy = deadline
#ifdef EPOCHS
        startBase = BASE_A
#endif
    }
    :: atomic { starting -> /* by then the agent may be another one */
        if
        :: IN_TIME -> printf("A: the unit starts\n"); atA = true
#ifdef EPOCHS
            ; epoch(startBase, true)
#endif
        :: !IN_TIME -> printf("A: too late to start\n")
        fi;
        starting = false;
        startBy = 0;
#ifdef EPOCHS
        startBase = 0;
#endif
        check()
    }
    :: atomic { atA -> printf("A: the unit stops\n"); atA = false; overdue = 0 } /* for whatever reason */
#ifdef RESTART_UNCHECKED
    :: atomic { atA -> printf("A: the unit fails\n"); atA = false; overdue = 0; restarts = true }
    :: atomic { restarts && deadline > 0 && !atA ->
        printf("A: the unit is started again\n");
        restarts = false;
        atA = true;
        check()
    }
#endif
    :: atomic { lease != none || call != idle -> printf("agent: crashes, another one comes\n"); forget() }
    :: atomic { atA || starting -> printf("A: reboots\n"); forget(); reboot() }
    od
}

active proctype Watchdog() {
    do
    :: atomic { KILLS && atA && deadline == 0 -> printf("watchdog: kills the unit\n"); atA = false; overdue = 0 }
    od
}

active proctype Scheduler() {
    do
    :: atomic { sawAbsent -> /* another one leads, or A's key is seen again: the wait counts anew */
        printf("scheduler: forgets that the key was gone\n");
        sawAbsent = false;
        waiting = 0;
        missed = false
    }
    :: atomic { keyLeft == NONE && (!sawAbsent || missed) ->
        printf("scheduler: sees that the key of A is gone\n");
        sawAbsent = true;
        waiting = WAIT;
        missed = false
    }
    :: atomic { sawAbsent && waiting == 0 && placedAtA && MAY_MOVE && CAN_WRITE ->
        printf("scheduler: moves the unit to B\n");
        WRITES(placedRev);
        placedAtA = false
    }
    od
}

active proctype B() {
    do
    :: atomic { !placedAtA && !atB ->
        printf("B: the unit starts\n");
        atB = true;
#ifdef EPOCHS
        newBase = BASE_B;
        epoch(newBase, false);
        newBase = 0;
#endif
        check()
    }
#ifdef EPOCHS
    :: atomic { CAN_WRITE -> printf("B: registers anew\n"); WRITES(registeredRevB) }
    :: atomic { atB -> printf("B: the unit ends\n"); atB = false }
#endif
    :: atomic { !placedAtA && CAN_WRITE -> /* between live machines: stops, says so, and only then it is placed elsewhere */
        printf("B: gives the unit back to A\n");
        WRITES(placedRev);
        atB = false;
        placedAtA = true
    }
    od
}
