package io.flota.flow;

/// How many bytes the other side is ready to take. For several threads.
public final class Credit {
    private long left;

    public synchronized void add(long bytes) {
        left += bytes;
        notifyAll();
    }

    /// Waits until there is some.
    ///
    /// @return how many bytes may be sent now, of the so many that are wanted
    public synchronized int take(int wanted) throws InterruptedException {
        while (left <= 0) {
            wait();
        }
        int taken = (int) Math.min(wanted, left);
        left -= taken;
        return taken;
    }

    /// What was granted and is not taken yet.
    public synchronized long left() {
        return left;
    }
}
