"""Google's Firestore emulator on this machine: finds or downloads it, starts it and stores its documents."""
