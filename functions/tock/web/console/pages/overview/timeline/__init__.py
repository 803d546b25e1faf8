"""The timeline: from instants to marks on a picture, all of it pure."""
