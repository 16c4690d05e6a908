"""What all rule kinds share, once: a kind says what is asked, the kit does how.

``evaluation`` is what is asked of; ``asking`` one rule being asked, with what is in doubt; ``receiving`` who gets a send;
``each_send``, ``drafts`` and ``attribution`` go through sends and say where a set stands; ``replay``, ``waivers``,
``findings`` and ``witness`` make a finding of what was found; ``comparing`` is for kinds that compare two groups.
"""
