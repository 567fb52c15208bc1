# Sourced by the start scripts in bin/, which set home: sets java, that of a Java 25 or newer. Packages bring their own.
# The version is read from the file that every Java home has, as asking java itself would double the time that a
# command takes.

is_recent() {
    [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
    while IFS='=' read -r key value; do
        [ "$key" = JAVA_VERSION ] || continue
        value=${value#\"}
        [ "${value%%[!0-9]*}" -ge 25 ]
        return
    done < "$1/release"
    return 1
}

find_java() {
    if [ -n "${FLOTA_JAVA_HOME-}" ]; then
        is_recent "$FLOTA_JAVA_HOME" && java=$FLOTA_JAVA_HOME/bin/java && return
        echo "${0##*/}: FLOTA_JAVA_HOME=$FLOTA_JAVA_HOME is no Java 25 or newer" >&2
        exit 1
    fi
    is_recent "${home-}/jre" && java=$home/jre/bin/java && return
    is_recent "${JAVA_HOME-}" && java=$JAVA_HOME/bin/java && return
    if path=$(command -v java) && path=$(readlink -f "$path") && is_recent "${path%/bin/java}"; then
        java=$path
        return
    fi
    for candidate in /usr/lib/jvm/*25* /usr/lib/jvm/* "${HOME-}"/.sdkman/candidates/java/25* "${HOME-}"/.jdks/*25*; do
        is_recent "$candidate" && java=$candidate/bin/java && return
    done
    echo "${0##*/}: no Java 25 or newer found; install openjdk-25-jdk-headless or temurin-25-jdk," \
        "or set FLOTA_JAVA_HOME to where it is" >&2
    exit 1
}

find_java
