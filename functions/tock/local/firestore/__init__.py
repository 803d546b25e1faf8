"""Google's Firestore emulator on this machine: found or downloaded, started, its documents kept."""
